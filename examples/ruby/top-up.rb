require 'json'
require 'net/http'
require 'securerandom'

uri = URI(ENV.fetch('ORBIT_BASE_URL', 'http://localhost:3000') + '/api/v1/billing/balance/top-up')
request = Net::HTTP::Post.new(uri)
request['X-API-Key'] = ENV.fetch('ORBIT_API_KEY')
request['Content-Type'] = 'application/json'
request['Idempotency-Key'] = SecureRandom.uuid
request.body = {
  amount: 10_000,
  currency: 'usd',
  successUrl: 'https://example.com/billing?topup=ok',
  cancelUrl: 'https://example.com/billing?topup=cancelled'
}.to_json
response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') { |http| http.request(request) }
puts response.body
exit 1 unless response.is_a?(Net::HTTPSuccess)
