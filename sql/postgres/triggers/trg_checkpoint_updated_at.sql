-- updated_at is right although no writer of checkpoints sets it.
CREATE TRIGGER trg_checkpoint_updated_at
  BEFORE UPDATE ON projection_checkpoints
  FOR EACH ROW EXECUTE FUNCTION update_checkpoint_timestamp();
