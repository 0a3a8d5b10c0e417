// Files through the server, as a Gin service does it: the form streams part by part into minio-go's PutObject while SHA-256
// reads along; a row through a pgx pool once the object is there.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	partSize = 5 << 20
	poolSize = 16
	insert   = `INSERT INTO gin_assets (id, external_id, filename, object_key, status, size, sha256)
		VALUES ($1, $2, $3, $4, 'UPLOADED', $5, $6)`
)

var errNoFile = errors.New("there is no part file")

type server struct {
	pool   *pgxpool.Pool
	store  *minio.Client
	bucket string
}

// filePart is the first part with the name; what comes before is skipped.
func filePart(request *http.Request) (*multipart.Part, error) {
	reader, err := request.MultipartReader()
	if err != nil {
		return nil, err
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errNoFile
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
	}
}

// head reads up to a part's size. The form's length bounds it, so that a small file needs no room for a whole part.
func head(part io.Reader, formLength int64) ([]byte, error) {
	size := int64(partSize)
	if formLength >= 0 && formLength < size {
		size = formLength
	}
	first := make([]byte, size)
	length, err := io.ReadFull(part, first)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return first[:length], err
}

// put sends what fits into a part by one PUT, and lets minio-go stream the rest in parts: with an unknown size alone it would
// make an upload in parts of every file.
func (s *server) put(ctx context.Context, key string, file io.Reader, formLength int64, kind string) (int64, error) {
	first, err := head(file, formLength)
	if err != nil {
		return 0, err
	}
	size, body := int64(len(first)), io.Reader(bytes.NewReader(first))
	if size == partSize {
		size, body = -1, io.MultiReader(body, file)
	}
	info, err := s.store.PutObject(ctx, s.bucket, key, body, size, minio.PutObjectOptions{ContentType: kind, PartSize: partSize})
	return info.Size, err
}

// upload answers when object and row are there.
func (s *server) upload(c *gin.Context) {
	part, err := filePart(c.Request)
	if err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"detail": err.Error()})
		return
	}
	id := uuid.New()
	key := "staging/" + id.String()
	hash := sha256.New()
	ctx := c.Request.Context()
	size, err := s.put(ctx, key, io.TeeReader(part, hash), c.Request.ContentLength, part.Header.Get("Content-Type"))
	if err != nil {
		c.JSON(http.StatusBadGateway, gin.H{"detail": err.Error()})
		return
	}
	if _, err := s.pool.Exec(ctx, insert, id, nil, part.FileName(), key, size, hash.Sum(nil)); err != nil {
		c.JSON(http.StatusServiceUnavailable, gin.H{"detail": err.Error()})
		return
	}
	c.JSON(http.StatusOK, gin.H{"task_id": id, "status": "processing"})
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
	router.POST("/api/v1/assets", s.upload)
	log.Fatal(router.Run(os.Getenv("PEER_LISTEN")))
}
