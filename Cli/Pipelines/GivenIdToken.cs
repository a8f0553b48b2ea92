using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Pipelines;

/// <summary>
/// A token that stands in a variable, as GitLab's <c>id_tokens</c> put it there
/// (https://docs.gitlab.com/ci/secrets/id_token_authentication/).
/// </summary>
/// <param name="variable">The variable's name.</param>
/// <param name="text">What it holds.</param>
internal sealed class GivenIdToken(string variable, string text) : IdTokenSource
{
    /// <inheritdoc/>
    public override string Name => variable;

    /// <inheritdoc/>
    public override Task<IdToken> GetAsync(HttpClient client, string audience, CancellationToken cancellationToken)
    {
        var token = IdToken.Read(text) ?? throw new CliFailure(ExitCode.NotAuthorized, $"{variable} does not hold an OpenID Connect token.");
        return token.ExpiresAt > TimeProvider.System.GetUtcNow()
            ? Task.FromResult(token)
            : throw new CliFailure(
                ExitCode.NotAuthorized, $"The token in {variable} has expired.", "Give the job a new one; a job can't renew it by itself.");
    }
}
