package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	base := os.Getenv("ORBIT_BASE_URL")
	if base == "" {
		base = "http://localhost:3000"
	}
	request, err := http.NewRequest("GET", base+"/api/v1/billing/plans", nil)
	if err != nil {
		panic(err)
	}
	request.Header.Set("X-API-Key", os.Getenv("ORBIT_API_KEY"))
	// The key goes nowhere else: a redirect is an answer like any other, and no success.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(answer))
	if response.StatusCode >= 300 {
		os.Exit(1)
	}
}
