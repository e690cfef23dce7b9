module github.com/regent-iam/regent/tools/vectors/gosdk

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/minio/md5-simd v1.1.2
	github.com/minio/minio-go/v7 v7.0.95
)

require (
	github.com/aws/smithy-go v1.28.9 // indirect
	github.com/klauspost/cpuid/v2 v2.2.11 // indirect
	golang.org/x/sys v0.33.0 // indirect
)
