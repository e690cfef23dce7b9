// Package literal reads what condition values are compared as: decimals of any
// length, and points in time. Nothing here allocates or rounds.
package literal
