<?php
$base = getenv('ORBIT_BASE_URL') ?: 'http://localhost:3000';
$curl = curl_init($base . '/api/v1/billing/balance/top-up');
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
curl_setopt($curl, CURLOPT_CUSTOMREQUEST, 'POST');
curl_setopt($curl, CURLOPT_HTTPHEADER, [
    'X-API-Key: ' . getenv('ORBIT_API_KEY'),
    'Content-Type: application/json',
    'Idempotency-Key: ' . bin2hex(random_bytes(16)),
]);
curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode([
    'amount' => 10000,
    'currency' => 'usd',
    'successUrl' => 'https://example.com/billing?topup=ok',
    'cancelUrl' => 'https://example.com/billing?topup=cancelled',
]));
echo curl_exec($curl), PHP_EOL;
exit(curl_getinfo($curl, CURLINFO_RESPONSE_CODE) < 300 ? 0 : 1);
