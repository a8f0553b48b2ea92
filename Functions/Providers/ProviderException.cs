namespace CasFunctions.Providers;

/// <summary>A store failed. The message tells an owner in plain words what is wrong and holds no secret.</summary>
public sealed class ProviderException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">What kind of failure it is.</param>
    /// <param name="message">What is wrong, in plain words, without secrets, addresses with signatures or stack traces.</param>
    /// <param name="innerException">What the client library said.</param>
    public ProviderException(ProviderErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Kind = kind;
    }

    /// <summary>What kind of failure it is.</summary>
    public ProviderErrorKind Kind { get; }

    /// <summary>How long the store asks to wait before the next try, where it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The kinds of failure that callers treat differently.</summary>
public enum ProviderErrorKind
{
    /// <summary>No connection: name not found, refused, TLS, time-out, connection cut. May pass by itself.</summary>
    Unreachable,

    /// <summary>The store answers that it can't serve now: 429, 500, 502, 503, 504. May pass by itself.</summary>
    Unavailable,

    /// <summary>The credentials are not accepted. Passes only when somebody changes them.</summary>
    CredentialsRefused,

    /// <summary>The credentials are accepted but lack a right.</summary>
    Forbidden,

    /// <summary>The bucket, container or repository does not exist, or the settings don't fit the store.</summary>
    Misconfigured,

    /// <summary>The store has nothing at this digest's key.</summary>
    BlobNotFound,

    /// <summary>The parts of an upload are gone at the store; it has to begin anew.</summary>
    UploadLost,

    /// <summary>The store refused the content itself, for example as too large.</summary>
    Rejected,

    /// <summary>The outbound guard refused the address.</summary>
    AddressRefused,

    /// <summary>An answer that the protocol doesn't foresee.</summary>
    Unexpected,
}
