// Package api is the home of the generated APIs, one package per service, and
// of the models they are generated from.
package api

//go:generate go run ../apigen/cmd .
