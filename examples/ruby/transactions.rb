require 'json'
require 'net/http'

uri = URI(ENV.fetch('ORBIT_BASE_URL', 'http://localhost:3000') + '/api/v1/billing/transactions?limit=30')
request = Net::HTTP::Get.new(uri)
request['X-API-Key'] = ENV.fetch('ORBIT_API_KEY')
response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') { |http| http.request(request) }
puts response.body
exit 1 unless response.is_a?(Net::HTTPSuccess)
