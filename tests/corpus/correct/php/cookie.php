<?php
setcookie("a", "1", time() + 3600, "/");
setcookie("old", "", 1);
echo "kept";
