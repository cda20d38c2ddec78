<?php
// What PHP made of the request, as JSON.
header('Content-Type: application/json');
$names = ['REQUEST_METHOD', 'SCRIPT_NAME', 'SCRIPT_FILENAME', 'PATH_INFO', 'QUERY_STRING', 'CONTENT_LENGTH',
    'CONTENT_TYPE', 'DOCUMENT_ROOT', 'PHP_SELF', 'REQUEST_URI', 'REDIRECT_STATUS', 'SERVER_NAME'];
echo json_encode([
    'get' => $_GET,
    'post' => $_POST,
    'cookie' => $_COOKIE,
    'body' => file_get_contents('php://input'),
    'server' => array_intersect_key($_SERVER, array_flip($names)),
    'sapi' => PHP_SAPI,
]);
