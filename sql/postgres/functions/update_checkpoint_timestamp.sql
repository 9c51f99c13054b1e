-- Stamps a checkpoint at each update, whoever makes it.
CREATE OR REPLACE FUNCTION update_checkpoint_timestamp() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  NEW.updated_at = now();
  RETURN NEW;
END
$function$;
