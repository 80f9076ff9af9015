"""What the chapters ask and check: claims with their evidence, exercises and the verdicts on answers."""
