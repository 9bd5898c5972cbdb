module hub

go 1.24

require github.com/dunglas/mercure v0.21.4
