using System.Text;

namespace CasFunctions.Cli.Transfers;

/// <summary>What is needed to continue a transfer after the program was stopped.</summary>
/// <param name="Session">The address of an upload's session, which is a secret; null for downloads.</param>
/// <param name="PartialFile">The file that a download writes to; null for uploads.</param>
internal sealed record TransferRecord(string? Session = null, string? PartialFile = null)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("PartialFile = ").Append(PartialFile);
        return true;
    }
}
