namespace CasFunctions.Cli.Pipelines;

/// <summary>Where a CI system gives a job its OpenID Connect token.</summary>
internal abstract class IdTokenSource
{
    /// <summary>What people call the CI system.</summary>
    public abstract string Name { get; }

    /// <summary>Gets a token.</summary>
    /// <param name="client">Sends the request, where one is needed. It follows no redirects.</param>
    /// <param name="audience">The audience to ask for; sources that can't choose one ignore it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="Commands.CliFailure">The CI system gives none.</exception>
    /// <exception cref="HttpRequestException">It can't be reached, or fails.</exception>
    public abstract Task<IdToken> GetAsync(HttpClient client, string audience, CancellationToken cancellationToken);
}
