// Presign with a record, as a Gin service does it: a row through a pgx pool, then minio-go's presigned POST.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	ttl      = 15 * time.Minute
	maxBytes = 5 << 30
	poolSize = 16
	insert   = `INSERT INTO gin_presign (id, external_id, filename, object_key, status) VALUES ($1, $2, $3, $4, 'PENDING')`
)

type upload struct {
	Filename   string  `json:"filename" binding:"required,max=1024"`
	ExternalID *string `json:"external_id" binding:"omitempty,max=255"`
}

type ticket struct {
	FileID     uuid.UUID         `json:"file_id"`
	Status     string            `json:"status"`
	UploadURL  string            `json:"upload_url"`
	FormFields map[string]string `json:"form_fields"`
	ObjectKey  string            `json:"object_key"`
}

type server struct {
	pool   *pgxpool.Pool
	store  *minio.Client
	bucket string
}

// sign makes the POST policy of one key.
func (s *server) sign(ctx context.Context, key string) (string, map[string]string, error) {
	policy := minio.NewPostPolicy()
	for _, err := range []error{
		policy.SetBucket(s.bucket),
		policy.SetKey(key),
		policy.SetExpires(time.Now().UTC().Add(ttl)),
		policy.SetContentLengthRange(0, maxBytes),
	} {
		if err != nil {
			return "", nil, err
		}
	}
	url, fields, err := s.store.PresignedPostPolicy(ctx, policy)
	if err != nil {
		return "", nil, err
	}
	return url.String(), fields, nil
}

// presign writes the record first: no signed URL without one.
func (s *server) presign(c *gin.Context) {
	var request upload
	if err := c.ShouldBindJSON(&request); err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"detail": err.Error()})
		return
	}
	id := uuid.New()
	key := "files/" + id.String()
	ctx := c.Request.Context()
	if _, err := s.pool.Exec(ctx, insert, id, request.ExternalID, request.Filename, key); err != nil {
		c.JSON(http.StatusServiceUnavailable, gin.H{"detail": err.Error()})
		return
	}
	url, fields, err := s.sign(ctx, key)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"detail": err.Error()})
		return
	}
	c.JSON(http.StatusCreated, ticket{id, "PENDING", url, fields, key})
}

func newPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = poolSize
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return pool, pool.Ping(ctx)
}

func main() {
	pool, err := newPool(context.Background(), os.Getenv("PEER_DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	store, err := minio.New(os.Getenv("PEER_S3_ADDRESS"), &minio.Options{
		Creds:  credentials.NewStaticV4(os.Getenv("PEER_S3_ACCESS_KEY"), os.Getenv("PEER_S3_SECRET_KEY"), ""),
		Region: os.Getenv("PEER_S3_REGION"),
	})
	if err != nil {
		log.Fatal(err)
	}
	s := &server{pool: pool, store: store, bucket: os.Getenv("PEER_BUCKET")}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	router.POST("/files/presigned-upload", s.presign)
	log.Fatal(router.Run(os.Getenv("PEER_LISTEN")))
}
