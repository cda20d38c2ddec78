#!/usr/bin/env ruby
puts "Content-Type: text/plain", ""
puts "Hello from Ruby"
