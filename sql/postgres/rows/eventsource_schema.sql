-- The store's identity, made once.
INSERT INTO eventsource_schema (id, store_id, schema_version) VALUES (1, gen_random_uuid(), 1);
