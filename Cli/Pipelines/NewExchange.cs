using System.Text;

namespace CasFunctions.Cli.Pipelines;

/// <summary>A request to exchange a token.</summary>
/// <param name="Token">The token.</param>
internal sealed record NewExchange(string Token)
{
    // Keeps the token out of whatever formats this record.
    private bool PrintMembers(StringBuilder builder) => false;
}
