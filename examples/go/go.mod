module example.com/orbit-billing

go 1.21
