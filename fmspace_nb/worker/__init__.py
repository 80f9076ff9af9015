"""What runs in the worker of a page that computes: pictures by name, and a reader's own σ and g."""
