-- Nobody reads the outbox by what was delivered: event streams and webhooks keep positions of their own. Each change of a
-- file paid for this index.
DROP INDEX outbox_open;
