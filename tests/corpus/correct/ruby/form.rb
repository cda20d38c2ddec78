#!/usr/bin/env ruby
require "uri"
body = $stdin.read(ENV.fetch("CONTENT_LENGTH", "0").to_i) || ""
fields = URI.decode_www_form(body)
print "Content-Type: text/plain; charset=utf-8\r\n\r\n"
fields.each { |name, value| puts "#{name}: #{value}" }
