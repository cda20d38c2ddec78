#!/usr/bin/env ruby
puts <<~PAGE
  Status: 404 Not Found
  Content-Type: text/html

  <h1>Nothing here</h1>
PAGE
