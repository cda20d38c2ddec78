// Serves FOLDER/cgi-bin with Go's own CGI host: go_host ADDRESS FOLDER [redirects]
// With the last word, local redirects are answered by the same handler: the switch that the library has for them.
package main

import (
	"log"
	"net/http"
	"net/http/cgi"
	"os"
	"path/filepath"
	"strings"
)

const prefix = "/cgi-bin/"

type site struct {
	folder    string
	redirects bool
}

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest := strings.TrimPrefix(r.URL.Path, prefix)
	if rest == r.URL.Path {
		http.NotFound(w, r)
		return
	}
	name := s.script(rest)
	if name == "" {
		http.NotFound(w, r)
		return
	}
	host := &cgi.Handler{Path: filepath.Join(s.folder, "cgi-bin", name), Root: prefix + name}
	if s.redirects {
		host.PathLocationHandler = s
	}
	host.ServeHTTP(w, r)
}

// The library leaves it to the program to find the script: here the longest leading part that is a file.
func (s site) script(rest string) string {
	parts := strings.Split(rest, "/")
	for end := 1; end <= len(parts); end++ {
		for _, part := range parts[:end] {
			if part == ".." || part == "." {
				return ""
			}
		}
		name := strings.Join(parts[:end], "/")
		info, err := os.Stat(filepath.Join(s.folder, "cgi-bin", name))
		if err != nil {
			return ""
		}
		if info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

func main() {
	host := site{folder: os.Args[2], redirects: len(os.Args) > 3}
	log.Fatal(http.ListenAndServe(os.Args[1], host))
}
