// Package e2e drives a built Regent with the clients that people use: the AWS
// CLI, boto3, the AWS SDKs for Go and JavaScript. It has only tests.
package e2e
