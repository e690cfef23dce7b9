module github.com/regent-iam/regent/tools/oracle

go 1.26.0

require github.com/regent-iam/regent v0.0.0

replace github.com/regent-iam/regent => ../..
