<?php
// Sends one piece, waits for a file, and sends the other.
header('Content-Type: text/plain');
while (ob_get_level() > 0) {
    ob_end_flush();
}
echo "before\n";
flush();
while (!file_exists(__DIR__ . '/go')) {
    usleep(10000);
    clearstatcache();
}
echo "after\n";
