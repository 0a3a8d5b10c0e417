#include "processor/file_type.h"

#include "common/encode.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

struct content {
    const unsigned char *bytes;
    size_t length;
};

/* A format: its canonical type, other names of the same, types of content that is kept in it, and its signature. Lists are
 * separated by spaces; a name that ends in '*' stands for all that begin so. */
struct format {
    const char *type;
    const char *aliases;   /* reported as `type` */
    const char *specifics; /* reported as declared */
    bool (*matches)(struct content content);
};

static bool has(struct content content, size_t offset, const char *bytes, size_t length) {
    return content.length >= offset + length && memcmp(content.bytes + offset, bytes, length) == 0;
}

/* Whether the text literal stands at this offset; a NUL within it counts. */
#define HAS(content, offset, literal) has((content), (offset), (literal), sizeof(literal) - 1)

static bool is_jpeg(struct content content) {
    return HAS(content, 0, "\xff\xd8\xff");
}

static bool is_png(struct content content) {
    return HAS(content, 0, "\x89PNG\r\n\x1a\n");
}

static bool is_gif(struct content content) {
    return HAS(content, 0, "GIF87a") || HAS(content, 0, "GIF89a");
}

static bool is_riff(struct content content, const char *form) {
    return (HAS(content, 0, "RIFF") || HAS(content, 0, "RF64")) && has(content, 8, form, 4);
}

static bool is_webp(struct content content) {
    return is_riff(content, "WEBP");
}

static bool is_wav(struct content content) {
    return is_riff(content, "WAVE");
}

static bool is_avi(struct content content) {
    return is_riff(content, "AVI ");
}

/* TIFF 6.0 and BigTIFF, either byte order. */
static bool is_tiff(struct content content) {
    return HAS(content, 0, "II*\0") || HAS(content, 0, "MM\0*") || HAS(content, 0, "II+\0") || HAS(content, 0, "MM\0+");
}

/* "BM" alone begins many a text: the reserved field is zero and the header has one of its known sizes. */
static bool is_bmp(struct content content) {
    static const unsigned char header_sizes[] = {12, 40, 52, 56, 64, 108, 124};
    return HAS(content, 0, "BM") && HAS(content, 6, "\0\0\0\0") && HAS(content, 15, "\0\0\0") &&
           memchr(header_sizes, content.bytes[14], sizeof header_sizes) != NULL;
}

static bool is_ico(struct content content) {
    return HAS(content, 0, "\0\0\1\0") && content.length >= 22 && content.bytes[4] != 0 && content.bytes[5] == 0;
}

/* ISO/IEC 14496-12: the first box is `ftyp` with a major brand and, after its version, compatible brands. */
static bool has_brand(struct content content, const char *const *brands, bool major_only) {
    if (!HAS(content, 4, "ftyp") || content.length < 16) {
        return false;
    }
    size_t end = (size_t)content.bytes[2] << 8 | content.bytes[3];
    end = end < content.length ? end : content.length;
    for (size_t offset = 8; offset + 4 <= end && (offset == 8 || !major_only); offset += offset == 8 ? 8 : 4) {
        for (const char *const *brand = brands; *brand != NULL; brand++) {
            if (has(content, offset, *brand, 4)) {
                return true;
            }
        }
    }
    return false;
}

static const char *const avif_brands[] = {"avif", "avis", NULL};
static const char *const heif_brands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", NULL};

static bool is_avif(struct content content) {
    static const char *const images[] = {"avif", "avis", "mif1", "msf1", NULL};
    return has_brand(content, images, true) && has_brand(content, avif_brands, false);
}

static bool is_heif(struct content content) {
    return has_brand(content, heif_brands, true) && !is_avif(content);
}

static bool is_m4a(struct content content) {
    static const char *const brands[] = {"M4A ", "M4B ", "M4P ", NULL};
    return has_brand(content, brands, true);
}

/* A QuickTime file before 2001 has no ftyp: it begins with one of these atoms. */
static bool is_quicktime(struct content content) {
    static const char *const brands[] = {"qt  ", NULL};
    return has_brand(content, brands, true) || HAS(content, 4, "moov") || HAS(content, 4, "mdat") ||
           HAS(content, 4, "wide");
}

static bool is_mp4(struct content content) {
    return HAS(content, 4, "ftyp") && !is_heif(content) && !is_avif(content);
}

/* RFC 8794: an EBML header, whose DocType tells WebM from Matroska. */
static bool is_ebml(struct content content, const char *type) {
    size_t length = content.length < 64 ? content.length : 64;
    return HAS(content, 0, "\x1a\x45\xdf\xa3") && memmem(content.bytes, length, type, strlen(type)) != NULL;
}

static bool is_webm(struct content content) {
    return is_ebml(content, "webm");
}

static bool is_matroska(struct content content) {
    return is_ebml(content, "matroska");
}

static bool is_ogg(struct content content) {
    return HAS(content, 0, "OggS");
}

static bool is_flac(struct content content) {
    return HAS(content, 0, "fLaC");
}

/* ID3v2, or a frame header of MPEG audio layer II or III with a possible bit rate and sample rate. */
static bool is_mp3(struct content content) {
    if (HAS(content, 0, "ID3")) {
        return true;
    }
    if (content.length < 4 || content.bytes[0] != 0xff || (content.bytes[1] & 0xe0) != 0xe0) {
        return false;
    }
    unsigned layer = content.bytes[1] >> 1 & 3U;
    unsigned version = content.bytes[1] >> 3 & 3U;
    unsigned bit_rate = content.bytes[2] >> 4;
    unsigned sample_rate = content.bytes[2] >> 2 & 3U;
    return (layer == 1 || layer == 2) && version != 1 && bit_rate != 0 && bit_rate != 15 && sample_rate != 3;
}

/* ADTS: a sync word of twelve bits and layer 0. */
static bool is_aac(struct content content) {
    return content.length >= 7 && content.bytes[0] == 0xff && (content.bytes[1] & 0xf6) == 0xf0;
}

static bool is_midi(struct content content) {
    return HAS(content, 0, "MThd\0\0\0\6");
}

/* Readers of PDF skip a byte order mark and white space before the header, and real files have them. */
static bool is_pdf(struct content content) {
    size_t offset = HAS(content, 0, "\xef\xbb\xbf") ? 3 : 0;
    while (offset < content.length && isspace(content.bytes[offset]) != 0) {
        offset++;
    }
    return HAS(content, offset, "%PDF-");
}

static bool is_zip(struct content content) {
    return HAS(content, 0, "PK\3\4") || HAS(content, 0, "PK\5\6") || HAS(content, 0, "PK\7\10");
}

static bool is_gzip(struct content content) {
    return HAS(content, 0, "\x1f\x8b\x08");
}

static bool is_bzip2(struct content content) {
    return HAS(content, 0, "BZh") && content.length > 10 && memcmp(content.bytes + 4, "1AY&SY", 6) == 0;
}

static bool is_xz(struct content content) {
    return HAS(content, 0, "\xfd\x37zXZ\0");
}

static bool is_zstd(struct content content) {
    return HAS(content, 0, "\x28\xb5\x2f\xfd");
}

static bool is_7z(struct content content) {
    return HAS(content, 0, "7z\xbc\xaf\x27\x1c");
}

static bool is_rar(struct content content) {
    return HAS(content, 0, "Rar!\x1a\x07");
}

static bool is_tar(struct content content) {
    return HAS(content, 257, "ustar");
}

static bool is_ole(struct content content) {
    return HAS(content, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
}

static bool is_elf(struct content content) {
    return HAS(content, 0, "\177ELF");
}

static bool is_sqlite(struct content content) {
    return HAS(content, 0, "SQLite format 3\0");
}

static bool is_rtf(struct content content) {
    return HAS(content, 0, "{\\rtf");
}

static bool is_postscript(struct content content) {
    return HAS(content, 0, "%!PS");
}

static bool is_woff2(struct content content) {
    return HAS(content, 0, "wOF2");
}

/* Names of content that old software labels loosely (.xls for CSV, .doc for RTF, .tar for .tar.gz) are in no list: such
 * files are recognised, but a wrong label does not refuse them. */
static const struct format formats[] = {
    {"image/jpeg", "image/jpg image/pjpeg", "", is_jpeg},
    {"image/png", "image/x-png image/apng", "", is_png},
    {"image/gif", "", "", is_gif},
    {"image/webp", "", "", is_webp},
    {"image/tiff", "image/tiff-fx", "image/x-adobe-dng image/dng", is_tiff},
    {"image/avif", "image/avif-sequence", "", is_avif},
    {"image/heic", "", "image/heif image/heic-sequence image/heif-sequence", is_heif},
    {"image/bmp", "image/x-bmp image/x-ms-bmp", "", is_bmp},
    {"image/vnd.microsoft.icon", "image/x-icon", "", is_ico},
    {"application/pdf", "application/x-pdf", "application/illustrator", is_pdf},
    {"application/zip", "application/x-zip-compressed application/x-zip",
     "application/vnd.openxmlformats-officedocument.* application/vnd.oasis.opendocument.* application/epub+zip"
     " application/java-archive application/vnd.android.package-archive application/vnd.ms-excel.sheet.macroenabled.12"
     " application/vnd.ms-word.document.macroenabled.12 model/3mf application/vnd.google-earth.kmz",
     is_zip},
    {"application/gzip", "application/x-gzip", "", is_gzip},
    {"application/x-bzip2", "application/bzip2", "", is_bzip2},
    {"application/x-xz", "", "", is_xz},
    {"application/zstd", "application/x-zstd", "", is_zstd},
    {"application/x-7z-compressed", "", "", is_7z},
    {"application/vnd.rar", "application/x-rar-compressed application/x-rar", "", is_rar},
    {"audio/mp4", "audio/x-m4a audio/m4a", "video/mp4 video/x-m4v video/quicktime", is_m4a},
    {"video/quicktime", "", "video/mp4 video/x-m4v audio/mp4 audio/x-m4a audio/m4a", is_quicktime},
    {"video/mp4", "video/x-m4v",
     "video/quicktime video/3gpp video/3gpp2 audio/3gpp audio/mp4 audio/x-m4a audio/m4a application/mp4", is_mp4},
    {"video/webm", "", "audio/webm video/x-matroska audio/x-matroska", is_webm},
    {"video/x-matroska", "video/matroska", "audio/x-matroska", is_matroska},
    {"video/x-msvideo", "video/avi video/msvideo", "", is_avi},
    {"audio/ogg", "application/ogg", "video/ogg audio/opus audio/vorbis audio/speex", is_ogg},
    {"audio/flac", "audio/x-flac", "", is_flac},
    {"audio/wav", "audio/x-wav audio/wave audio/vnd.wave", "", is_wav},
    {"audio/mpeg", "audio/mp3 audio/x-mp3 audio/mpeg3", "", is_mp3},
    {"audio/aac", "audio/aacp audio/x-aac", "", is_aac},
    {"audio/midi", "audio/x-midi", "", is_midi},
    {"application/x-tar", NULL, NULL, is_tar},
    {"application/x-ole-storage", NULL, NULL, is_ole},
    {"application/x-elf", NULL, NULL, is_elf},
    {"application/vnd.sqlite3", NULL, NULL, is_sqlite},
    {"application/rtf", NULL, NULL, is_rtf},
    {"application/postscript", NULL, NULL, is_postscript},
    {"font/woff2", NULL, NULL, is_woff2},
};

enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

/* Types of text whose name says more than text/plain. */
static const char text_types[] = "text/* application/json application/*+json application/x-ndjson application/xml"
                                 " application/*+xml image/svg+xml application/javascript application/x-javascript"
                                 " application/yaml application/x-yaml application/toml application/sql"
                                 " application/csv application/x-sh application/graphql application/vnd.ms-excel"
                                 " application/x-subrip message/rfc822 model/gltf+json model/obj";

/* `pattern` may have one '*', which stands for any text. */
static bool matches_pattern(const char *pattern, size_t length, const char *type) {
    const char *star = memchr(pattern, '*', length);
    size_t type_length = strlen(type);
    if (star == NULL) {
        return type_length == length && memcmp(pattern, type, length) == 0;
    }
    size_t before = (size_t)(star - pattern);
    size_t after = length - before - 1;
    return type_length >= before + after && memcmp(pattern, type, before) == 0 &&
           memcmp(star + 1, type + type_length - after, after) == 0;
}

static bool is_listed(const char *list, const char *type) {
    for (const char *word = list; word != NULL && *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (matches_pattern(word, length, type)) {
            return true;
        }
        word += length + strspn(word + length, " ");
    }
    return false;
}

/* The type without its parameters, in lower case; "" for none or one that is too long. */
static void essence_of(const char *declared, char ret_type[FILE_TYPE_SIZE]) {
    ret_type[0] = '\0';
    size_t length = declared == NULL ? 0 : strcspn(declared, "; \t");
    if (length >= FILE_TYPE_SIZE) {
        return;
    }
    for (size_t i = 0; i < length; i++) {
        ret_type[i] = (char)tolower((unsigned char)declared[i]);
    }
    ret_type[length] = '\0';
}

static bool demands(const struct format *format, const char *type) {
    return format->aliases != NULL &&
           (strcmp(format->type, type) == 0 || is_listed(format->aliases, type) || is_listed(format->specifics, type));
}

/* UTF-8 without control characters other than those of text; the head may end within a character. */
static bool is_text(struct content content) {
    const char *text = (const char *)content.bytes;
    size_t length =
        content.length == FILE_TYPE_HEAD_BYTES ? utf8_prefix(text, content.length, content.length - 1) : content.length;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = content.bytes[i];
        if ((c < 0x20 && strchr("\t\n\v\f\r\x1b", c) == NULL) || c == 0x7f) {
            return false;
        }
    }
    return length > 0 && utf8_valid(text, length);
}

static struct content content_of(const void *head, size_t length) {
    return (struct content){head, length < FILE_TYPE_HEAD_BYTES ? length : FILE_TYPE_HEAD_BYTES};
}

const char *file_type_detect(const void *head, size_t length, const char *declared, char room[FILE_TYPE_SIZE]) {
    struct content content = content_of(head, length);
    essence_of(declared, room);
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (formats[i].matches(content)) {
            return is_listed(formats[i].specifics, room) ? room : formats[i].type;
        }
    }
    if (!is_text(content)) {
        return NULL;
    }
    return is_listed(text_types, room) ? room : "text/plain";
}

bool file_type_agrees(const void *head, size_t length, const char *declared) {
    struct content content = content_of(head, length);
    char type[FILE_TYPE_SIZE];
    essence_of(declared, type);
    bool is_demanded = false;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (demands(&formats[i], type)) {
            if (formats[i].matches(content)) {
                return true;
            }
            is_demanded = true;
        }
    }
    return !is_demanded;
}
