<?php
$base = getenv('ORBIT_BASE_URL') ?: 'http://localhost:3000';
$curl = curl_init($base . '/api/v1/billing/credits');
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
curl_setopt($curl, CURLOPT_CUSTOMREQUEST, 'GET');
curl_setopt($curl, CURLOPT_HTTPHEADER, [
    'X-API-Key: ' . getenv('ORBIT_API_KEY'),
]);
echo curl_exec($curl), PHP_EOL;
exit(curl_getinfo($curl, CURLINFO_RESPONSE_CODE) < 300 ? 0 : 1);
