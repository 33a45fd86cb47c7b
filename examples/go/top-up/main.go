package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	base := os.Getenv("ORBIT_BASE_URL")
	if base == "" {
		base = "http://localhost:3000"
	}
	body := strings.NewReader(`{"amount":10000,"currency":"usd","successUrl":"https://example.com/billing?topup=ok","cancelUrl":"https://example.com/billing?topup=cancelled"}`)
	request, err := http.NewRequest("POST", base+"/api/v1/billing/balance/top-up", body)
	if err != nil {
		panic(err)
	}
	request.Header.Set("X-API-Key", os.Getenv("ORBIT_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", fmt.Sprintf("example-%d", time.Now().UnixNano()))
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
