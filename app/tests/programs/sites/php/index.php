<!doctype html>
<meta charset="utf-8">
<title>PHP</title>
<h1>Hello <?= htmlspecialchars($_GET['name'] ?? 'stranger') ?></h1>
