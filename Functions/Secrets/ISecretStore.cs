namespace CasFunctions.Secrets;

/// <summary>
/// Keeps the backends' credentials. A secret has a name, made once by <see cref="SecretName.Create"/>, and versions that never
/// change. Every failure is a <see cref="SecretStoreException"/>.
/// </summary>
public interface ISecretStore
{
    /// <summary>Writes a new version of a secret, or the first one.</summary>
    /// <param name="name">The secret's name.</param>
    /// <param name="value">The secret, a JSON document.</param>
    /// <param name="cancellationToken">Ends the call; the version may or may not have been written.</param>
    /// <returns>The version's id.</returns>
    Task<string> WriteAsync(string name, string value, CancellationToken cancellationToken);

    /// <summary>Reads one version.</summary>
    /// <exception cref="SecretStoreException">
    /// With <see cref="SecretStoreErrorKind.NotFound"/> when the version does not exist or is disabled.
    /// </exception>
    Task<string> ReadAsync(string name, string version, CancellationToken cancellationToken);

    /// <summary>Makes one version unreadable. May be repeated; a version that is gone counts as disabled.</summary>
    Task DisableAsync(string name, string version, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a secret with all versions. May be repeated; a secret that is gone counts as deleted. The name can't be used again.
    /// </summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}

/// <summary>The secret store failed. The message is for the operator and holds no secret.</summary>
/// <param name="kind">What kind of failure it is.</param>
/// <param name="message">What is wrong, in plain words.</param>
/// <param name="innerException">What the client library said.</param>
public sealed class SecretStoreException(SecretStoreErrorKind kind, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What kind of failure it is.</summary>
    public SecretStoreErrorKind Kind { get; } = kind;
}

/// <summary>The kinds of failure that callers treat differently.</summary>
public enum SecretStoreErrorKind
{
    /// <summary>The store can't be reached, or can't serve now. May pass by itself.</summary>
    Unavailable,

    /// <summary>There is no such secret or version, or the version is disabled.</summary>
    NotFound,

    /// <summary>The store does not let the app do this. Passes only when the operator changes something.</summary>
    Refused,
}
