// SPDX-License-Identifier: MIT

// One request over HTTP/3 (RFC 9114), for tests: neither node nor Debian's curl speaks it.
//
//	h3 ADDRESS:PORT NAME METHOD PATH [HEADER:VALUE]...      the body on standard input
//
// Prints {"status":200, "protocol":"HTTP/3.0", "headers":{"name":"value"}, "body":"…"}. Certificates are not
// verified. Exit status 1 with the reason on standard error when there is no answer within eight seconds.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

type answer struct {
	Status   int               `json:"status"`
	Protocol string            `json:"protocol"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
}

func ask(words []string) (answer, error) {
	address, name, method, path := words[0], words[1], words[2], words[3]
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		return answer{}, err
	}
	transport := &http3.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: name},
		Dial: func(ctx context.Context, _ string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
			return quic.DialAddr(ctx, address, tlsConfig, config)
		},
	}
	defer transport.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "https://"+name+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for _, header := range words[4:] {
		field, value, _ := strings.Cut(header, ":")
		request.Header.Set(field, value)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	headers := map[string]string{}
	for field, values := range response.Header {
		headers[strings.ToLower(field)] = strings.Join(values, ", ")
	}
	return answer{response.StatusCode, response.Proto, headers, string(text)}, nil
}

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: h3 ADDRESS:PORT NAME METHOD PATH [HEADER:VALUE]...")
		os.Exit(2)
	}
	got, err := ask(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(got)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "h3:", err)
		os.Exit(1)
	}
}
