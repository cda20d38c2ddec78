<?php
// Counts visits in a session, which PHP keeps in a file.
session_save_path(__DIR__ . '/../sessions');
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
header('Content-Type: text/plain');
echo $_SESSION['visits'], "\n";
