using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Service;

/// <summary><c>cas completion</c></summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _cas() {
            local word
            COMPREPLY=()
            while IFS= read -r word; do
                if [[ $word == "${COMP_WORDS[COMP_CWORD]}"* ]]; then
                    COMPREPLY+=("$word")
                fi
            done < <("${COMP_WORDS[0]}" "[suggest:$((COMP_POINT - ${#COMP_WORDS[0]} - 1))]" "${COMP_LINE#* }" 2>/dev/null)
        }
        complete -o default -F _cas cas
        """;

    private const string Zsh = """
        #compdef cas
        _cas() {
            local line="${words[2,-1]}"
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -- $found || _files
        }
        compdef _cas cas
        """;

    private const string Fish = """
        function __cas_complete
            set -l line (commandline -cp | string replace -r '^\S+\s' '')
            cas "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c cas -a '(__cas_complete)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName cas -ScriptBlock {
            param($word, $tree, $position)
            $line = $tree.ToString() -replace '^\S+\s?', ''
            $typed = $position - ($tree.ToString().Length - $line.Length)
            cas "[suggest:$typed]" "$line" | Where-Object { $_ -like "$word*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or powershell" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "powershell");
        return new Command("completion", "Print the script that makes a shell complete this program's commands and options") { shell }
            .Does(run =>
            {
                Printer.Line(run.Get(shell) switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => PowerShell });
                return Task.CompletedTask;
            })
            .Example("source <(cas completion bash)", "cas completion fish > ~/.config/fish/completions/cas.fish");
    }
}
