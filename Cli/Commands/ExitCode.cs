namespace CasFunctions.Cli.Commands;

/// <summary>What the program ends with. Scripts rely on these numbers; docs/cli.md explains them.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>The request was refused or failed for a reason without a number of its own.</summary>
    Failed = 1,

    /// <summary>The command line is not understood, or an answer is needed and nobody can be asked.</summary>
    Usage = 2,

    /// <summary>No token, one that isn't valid, or one whose role doesn't allow this.</summary>
    NotAuthorized = 3,

    /// <summary>The artifact, backend, token or file doesn't exist.</summary>
    NotFound = 4,

    /// <summary>Content doesn't have its digest.</summary>
    IntegrityFailure = 5,

    /// <summary>A storage backend can't be used: unreachable, or it refuses its credentials or the content.</summary>
    BackendUnavailable = 6,

    /// <summary>The service itself can't be reached or is not able to answer now.</summary>
    ServiceUnavailable = 7,

    /// <summary>Stopped by Ctrl-C or SIGTERM, as shells number it.</summary>
    Interrupted = 130,
}
