module github.com/regent-iam/regent/e2e

go 1.26.0

require github.com/regent-iam/regent v0.0.0

require (
	github.com/klauspost/cpuid/v2 v2.2.9 // indirect
	github.com/minio/crc64nvme v1.1.1 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/regent-iam/regent => ..
