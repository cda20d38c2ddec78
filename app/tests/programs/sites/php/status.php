<?php
// A status and header fields of the script's own.
if (isset($_GET['to'])) {
    header('Location: ' . $_GET['to'], true, 303);
    exit;
}
http_response_code((int) ($_GET['code'] ?? 200));
header('Content-Type: text/plain; charset=utf-8');
header('X-Twice: one');
header('X-Twice: two', false);
setcookie('first', '1');
setcookie('second', 'zwei; und mehr');
echo "as you like it\n";
