using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Pipelines;

/// <summary>What the variables of a CI job say of its OpenID Connect token.</summary>
internal static class CiEnvironment
{
    /// <summary>The variable for a token that the job was given, on GitLab and elsewhere.</summary>
    public const string IdTokenVariable = "CAS_ID_TOKEN";

    /// <summary>The variable for the id of the service connection of Azure Pipelines.</summary>
    public const string ConnectionVariable = "CAS_SERVICE_CONNECTION_ID";

    /// <summary>The same as tasks such as AzureCLI@2 tell it to their scripts.</summary>
    private const string ConnectionOfTaskVariable = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID";

    /// <summary>True in a job of a CI system that gives out tokens.</summary>
    public static bool IsJob => Read(IdTokenVariable) is not null || IsGitHub || IsGitLab || IsAzureDevOps;

    private static bool IsGitHub => Read("GITHUB_ACTIONS") == "true" || Read(GitHubIdToken.AddressVariable) is not null;

    private static bool IsGitLab => Read("GITLAB_CI") == "true";

    private static bool IsAzureDevOps => Read("TF_BUILD") is not null || Read(AzureDevOpsIdToken.AddressVariable) is not null;

    /// <summary>Finds where the job's token comes from; null outside of CI.</summary>
    /// <param name="audience">The audience that tokens need, for what is said when there is none.</param>
    /// <exception cref="CliFailure">The job lacks something; the message says what.</exception>
    public static IdTokenSource? Find(string audience)
    {
        if (Read(IdTokenVariable) is { } given)
        {
            return new GivenIdToken(IdTokenVariable, given);
        }

        if (IsGitHub)
        {
            return Read(GitHubIdToken.AddressVariable) is { } address && Read(GitHubIdToken.SecretVariable) is { } secret
                ? new GitHubIdToken(address, secret)
                : throw Missing("This job may not ask GitHub for an OpenID Connect token.", "Add to the job: permissions: { id-token: write, contents: read }");
        }

        if (IsGitLab)
        {
            throw Missing($"{IdTokenVariable} is not set.", $"Add to the job: id_tokens: {{ {IdTokenVariable}: {{ aud: {audience} }} }}");
        }

        return IsAzureDevOps ? FindAzureDevOps() : null;
    }

    private static AzureDevOpsIdToken FindAzureDevOps()
    {
        var address = Read(AzureDevOpsIdToken.AddressVariable)
            ?? throw Missing($"{AzureDevOpsIdToken.AddressVariable} is not set.", "The agent sets it where it is recent enough.");
        var secret = Read(AzureDevOpsIdToken.SecretVariable)
            ?? throw Missing($"{AzureDevOpsIdToken.SecretVariable} is not set.", "Add to the step: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }");
        var connection = Read(ConnectionVariable) ?? Read(ConnectionOfTaskVariable)
            ?? throw Missing($"{ConnectionVariable} is not set.", "Set it to the id of a service connection with workload identity federation.");
        return new AzureDevOpsIdToken(address, secret, connection);
    }

    private static CliFailure Missing(string message, string hint) => new(ExitCode.NotAuthorized, message, hint);

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value.Trim() : null;
}
