#include "common/s3_probe.h"

#include "common/clock.h"
#include "common/s3_request.h"
#include "common/s3_xml.h"

_Static_assert((int)S3_PROBE_CODE_SIZE == (int)S3_XML_MAX_CODE, "a code must fit");

bool s3_probe_bucket(struct s3_client *client, struct s3_probe *ret_probe, struct error *err) {
    struct s3_request request = {.method = "GET"};
    s3_request_query(&request, "list-type", "2");
    s3_request_query(&request, "max-keys", "1");
    client->reply.status = 0;
    struct error problem = {0};
    if (!s3_request_send(client, &request, &problem) && client->reply.status == 0) {
        return error_set(err, problem.code, "%s", problem.message);
    }
    const struct http_reply *reply = &client->reply;
    const char *date = http_reply_header(reply, "date");
    *ret_probe = (struct s3_probe){.status = reply->status, .date_ms = date != NULL ? clock_parse(date) : 0};
    s3_xml_error_code(buf_text(&reply->body), reply->body.length, ret_probe->code);
    return true;
}
