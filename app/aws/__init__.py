"""The way to AWS: sign-in, clients that keep to the quotas, and the two stores."""
