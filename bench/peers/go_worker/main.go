// What Sluice's processor does with an object, as a small Go worker does it: event, GET, SHA-256, cache, record.
//
// Eight goroutines, one event at a time in each. No leases, no retries; an event in hand is lost on a crash.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/redis/go-redis/v9"
)

const (
	goroutines = 8
	cacheTTL   = 24 * time.Hour
	update     = `UPDATE go_worker SET status = 'SYNCED', size = $1, sha256 = $2, synced_at = now()
		WHERE object_key = $3 AND status = 'PENDING'`
)

type worker struct {
	list         string
	queue, cache *redis.Client
	store        *minio.Client
	pool         *pgxpool.Pool
}

// object is the part of a notification that matters.
type object struct {
	S3 struct {
		Bucket struct{ Name string }
		Object struct{ Key string }
	}
}

// objectOf reads MinIO's access format: [{"Event": [record], …}].
func objectOf(event string) (bucket, key string, err error) {
	var entries []struct{ Event []object }
	if err := json.Unmarshal([]byte(event), &entries); err != nil {
		return "", "", err
	}
	if len(entries) == 0 || len(entries[0].Event) == 0 {
		return "", "", errors.New("an event without a record")
	}
	s3 := entries[0].Event[0].S3
	key, err = url.QueryUnescape(s3.Object.Key)
	return s3.Bucket.Name, key, err
}

func (w *worker) sync(ctx context.Context, event string) error {
	bucket, key, err := objectOf(event)
	if err != nil {
		return err
	}
	body, err := w.store.GetObject(ctx, bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return err
	}
	defer body.Close()
	var content bytes.Buffer
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(hash, &content), body)
	if err != nil {
		return err
	}
	if err := w.cache.SetEx(ctx, "go_worker:"+key, content.Bytes(), cacheTTL).Err(); err != nil {
		return err
	}
	_, err = w.pool.Exec(ctx, update, size, hash.Sum(nil), key)
	return err
}

func (w *worker) serve(ctx context.Context) {
	for ctx.Err() == nil {
		popped, err := w.queue.BLPop(ctx, 5*time.Second, w.list).Result()
		if err == nil {
			err = w.sync(ctx, popped[1])
		}
		if err != nil && !errors.Is(err, redis.Nil) && ctx.Err() == nil {
			log.Print(err)
		}
	}
}

func connect(ctx context.Context) (*worker, error) {
	queue, err := redis.ParseURL(os.Getenv("PEER_REDIS_URL"))
	if err != nil {
		return nil, err
	}
	queue.PoolSize = goroutines
	cache, err := redis.ParseURL(os.Getenv("PEER_CACHE_REDIS_URL"))
	if err != nil {
		return nil, err
	}
	cache.PoolSize = goroutines
	config, err := pgxpool.ParseConfig(os.Getenv("PEER_DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	config.MaxConns = goroutines
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	store, err := minio.New(os.Getenv("PEER_S3_ADDRESS"), &minio.Options{
		Creds:  credentials.NewStaticV4(os.Getenv("PEER_S3_ACCESS_KEY"), os.Getenv("PEER_S3_SECRET_KEY"), ""),
		Region: os.Getenv("PEER_S3_REGION"),
	})
	return &worker{os.Getenv("PEER_LIST"), redis.NewClient(queue), redis.NewClient(cache), store, pool}, err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	w, err := connect(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer w.pool.Close()
	var running sync.WaitGroup
	for range goroutines {
		running.Go(func() { w.serve(ctx) })
	}
	running.Wait()
}
