<?php
// Takes one file or several, and tells what arrived.
header('Content-Type: application/json');
$told = [];
foreach ((array) $_FILES['file']['name'] as $number => $name) {
    $path = ((array) $_FILES['file']['tmp_name'])[$number];
    $told[] = [
        'name' => $name,
        'uploaded' => is_uploaded_file($path),
        'sha256' => hash_file('sha256', $path),
    ];
}
echo json_encode($told, JSON_UNESCAPED_UNICODE);
