#include "decoder/thumbhash.h"

#include <math.h>

/* The order of the operations is that of the reference implementation, so that the last bit of a double is the same too. */

enum { PIXELS_MAX = THUMBHASH_SIDE_MAX * THUMBHASH_SIDE_MAX, TERMS_MAX = 28, CHANNELS = 4 };
enum channel_name { L, P, Q, A }; /* luminance, yellow - blue, red - green, alpha */

struct channel {
    double dc, scale;
    double ac[TERMS_MAX];
    size_t count; /* of ac */
};

struct picture_planes {
    int width, height;
    bool has_alpha;
    double planes[CHANNELS][PIXELS_MAX];
};

/* Math.round of ECMAScript. */
static unsigned rounded(double number) {
    return (unsigned)(int)floor(number + 0.5);
}

static int larger(int left, int right) {
    return left > right ? left : right;
}

/* The average colour, weighted by alpha; the sum of alpha. */
static double average_of(const unsigned char *rgba, int pixels, double ret_average[3]) {
    double alpha_sum = 0;
    for (int c = 0; c < 3; c++) {
        ret_average[c] = 0;
    }
    for (int i = 0; i < pixels; i++) {
        const unsigned char *pixel = rgba + (size_t)4 * (size_t)i;
        double alpha = pixel[3] / 255.0;
        for (int c = 0; c < 3; c++) {
            ret_average[c] += alpha / 255.0 * pixel[c];
        }
        alpha_sum += alpha;
    }
    for (int c = 0; c < 3 && alpha_sum > 0; c++) {
        ret_average[c] /= alpha_sum;
    }
    return alpha_sum;
}

/* RGBA over the average colour, as luminance, two differences and alpha. */
static void fill_planes(struct picture_planes *picture, const unsigned char *rgba) {
    int pixels = picture->width * picture->height;
    double average[3];
    picture->has_alpha = average_of(rgba, pixels, average) < pixels;
    for (int i = 0; i < pixels; i++) {
        const unsigned char *pixel = rgba + (size_t)4 * (size_t)i;
        double alpha = pixel[3] / 255.0;
        double r = average[0] * (1 - alpha) + alpha / 255.0 * pixel[0];
        double g = average[1] * (1 - alpha) + alpha / 255.0 * pixel[1];
        double b = average[2] * (1 - alpha) + alpha / 255.0 * pixel[2];
        picture->planes[L][i] = (r + g + b) / 3;
        picture->planes[P][i] = (r + g) / 2 - b;
        picture->planes[Q][i] = r - g;
        picture->planes[A][i] = alpha;
    }
}

/* One coefficient of the discrete cosine transform. */
static double term_of(const struct picture_planes *picture, const double *plane, int cx, int cy) {
    double factors[THUMBHASH_SIDE_MAX];
    double sum = 0;
    for (int x = 0; x < picture->width; x++) {
        factors[x] = cos(M_PI / picture->width * cx * (x + 0.5));
    }
    for (int y = 0; y < picture->height; y++) {
        double row_factor = cos(M_PI / picture->height * cy * (y + 0.5));
        for (int x = 0; x < picture->width; x++) {
            sum += plane[x + y * picture->width] * factors[x] * row_factor;
        }
    }
    return sum / (picture->width * picture->height);
}

static void encode_channel(const struct picture_planes *picture, enum channel_name name, int nx, int ny,
                           struct channel *ret_channel) {
    *ret_channel = (struct channel){.count = 0};
    for (int cy = 0; cy < ny; cy++) {
        for (int cx = 0; cx * ny < nx * (ny - cy); cx++) {
            double term = term_of(picture, picture->planes[name], cx, cy);
            if (cx == 0 && cy == 0) {
                ret_channel->dc = term;
                continue;
            }
            ret_channel->ac[ret_channel->count++] = term;
            ret_channel->scale = fmax(ret_channel->scale, fabs(term));
        }
    }
    for (size_t i = 0; i < ret_channel->count && ret_channel->scale > 0; i++) {
        ret_channel->ac[i] = 0.5 + 0.5 / ret_channel->scale * ret_channel->ac[i];
    }
}

/* The constants, and where the varying factors begin. */
static size_t write_head(const struct picture_planes *picture, const struct channel *channels, int lx, int ly,
                         unsigned char *ret_hash) {
    bool is_landscape = picture->width > picture->height;
    unsigned header24 = rounded(63 * channels[L].dc) | rounded(31.5 + 31.5 * channels[P].dc) << 6 |
                        rounded(31.5 + 31.5 * channels[Q].dc) << 12 | rounded(31 * channels[L].scale) << 18 |
                        (picture->has_alpha ? 1U << 23 : 0);
    unsigned header16 = (unsigned)(is_landscape ? ly : lx) | rounded(63 * channels[P].scale) << 3 |
                        rounded(63 * channels[Q].scale) << 9 | (is_landscape ? 1U << 15 : 0);
    ret_hash[0] = (unsigned char)header24;
    ret_hash[1] = (unsigned char)(header24 >> 8);
    ret_hash[2] = (unsigned char)(header24 >> 16);
    ret_hash[3] = (unsigned char)header16;
    ret_hash[4] = (unsigned char)(header16 >> 8);
    if (!picture->has_alpha) {
        return 5;
    }
    ret_hash[5] = (unsigned char)(rounded(15 * channels[A].dc) | rounded(15 * channels[A].scale) << 4);
    return 6;
}

size_t thumbhash_make(int width, int height, const unsigned char *rgba, unsigned char ret_hash[THUMBHASH_MAX]) {
    static struct picture_planes picture; /* 320 KB: too much for a stack, and this program has one thread of its own */
    struct channel channels[CHANNELS];
    picture.width = width;
    picture.height = height;
    fill_planes(&picture, rgba);
    double limit = picture.has_alpha ? 5 : 7; /* less for luminance when there is alpha */
    int lx = larger(1, (int)rounded(limit * width / larger(width, height)));
    int ly = larger(1, (int)rounded(limit * height / larger(width, height)));
    encode_channel(&picture, L, larger(3, lx), larger(3, ly), &channels[L]);
    encode_channel(&picture, P, 3, 3, &channels[P]);
    encode_channel(&picture, Q, 3, 3, &channels[Q]);
    encode_channel(&picture, A, 5, 5, &channels[A]);
    size_t length = write_head(&picture, channels, lx, ly, ret_hash);
    bool is_high = false; /* half of the byte that comes next */
    for (int c = L; c <= (picture.has_alpha ? A : Q); c++) {
        for (size_t i = 0; i < channels[c].count; i++) {
            unsigned nibble = rounded(15 * channels[c].ac[i]);
            ret_hash[length] = (unsigned char)(is_high ? ret_hash[length] | nibble << 4 : nibble);
            length += is_high;
            is_high = !is_high;
        }
    }
    return length + is_high;
}
