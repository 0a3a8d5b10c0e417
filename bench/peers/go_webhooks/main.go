// What Sluice's webhook sender does, as a small Go worker does it: outbox, signature, POST, record of the delivery.
//
// Eight goroutines, one event at a time in each. No order of a file's events, no retries in time, no check of the
// receiver's address.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	goroutines = 8
	poll       = 50 * time.Millisecond
	claim      = `SELECT id, topic, data FROM go_webhooks WHERE delivered_at IS NULL
		ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`
	done = `UPDATE go_webhooks SET delivered_at = now(), http_status = $1 WHERE id = $2`
)

type sender struct {
	receiver string
	pool     *pgxpool.Pool
	client   *http.Client
	webhook  *standardwebhooks.Webhook
}

type event struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

func (s *sender) post(ctx context.Context, number int64, what event) (int, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return 0, err
	}
	id := fmt.Sprintf("evt_%d", number)
	signature, err := s.webhook.Sign(id, what.Timestamp, body)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.receiver, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("webhook-id", id)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(what.Timestamp.Unix(), 10))
	request.Header.Set("webhook-signature", signature)
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("the receiver answered %d", answer.StatusCode)
	}
	return answer.StatusCode, err
}

// sendOne says pgx.ErrNoRows when there is none. The row stays locked until the receiver has answered.
func (s *sender) sendOne(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var number int64
		what := event{Timestamp: time.Now().UTC()}
		if err := tx.QueryRow(ctx, claim).Scan(&number, &what.Type, &what.Data); err != nil {
			return err
		}
		status, err := s.post(ctx, number, what)
		if err == nil {
			_, err = tx.Exec(ctx, done, status, number)
		}
		return err
	})
}

func (s *sender) serve(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.sendOne(ctx)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) && ctx.Err() == nil {
			log.Print(err)
		}
		if err != nil {
			time.Sleep(poll)
		}
	}
}

func connect(ctx context.Context) (*sender, error) {
	config, err := pgxpool.ParseConfig(os.Getenv("PEER_DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	config.MaxConns = goroutines
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("PEER_WEBHOOK_SECRET"))
	transport := &http.Transport{MaxIdleConnsPerHost: goroutines}
	client := &http.Client{Transport: transport, Timeout: 15 * time.Second}
	return &sender{os.Getenv("PEER_RECEIVER"), pool, client, webhook}, err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, err := connect(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer s.pool.Close()
	var running sync.WaitGroup
	for range goroutines {
		running.Go(func() { s.serve(ctx) })
	}
	running.Wait()
}
