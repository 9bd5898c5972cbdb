// Mercure's hub in memory, without its web server Caddy: it takes publications and serves event streams. Listens on 127.0.0.1:9380.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/dunglas/mercure"
)

func main() {
	transport := mercure.NewLocalTransport(mercure.NewSubscriberList(1000))
	hub, err := mercure.NewHub(context.Background(),
		mercure.WithAnonymous(),
		mercure.WithHeartbeat(15*time.Second),
		mercure.WithTransport(transport),
		mercure.WithPublisherJWT([]byte("!ChangeThisMercureHubJWTSecretKey!"), "HS256"),
		mercure.WithSubscriberJWT([]byte("!ChangeThisMercureHubJWTSecretKey!"), "HS256"),
		mercure.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))),
	)
	if err != nil {
		panic(err)
	}
	http.Handle("/.well-known/mercure", hub)
	http.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("{}")) })
	panic(http.ListenAndServe("127.0.0.1:9380", nil))
}
