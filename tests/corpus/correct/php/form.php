<!DOCTYPE html>
<p><?= htmlspecialchars($_GET["name"] ?? $_POST["name"] ?? "nobody") ?></p>
