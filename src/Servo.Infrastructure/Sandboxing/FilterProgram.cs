using System.Runtime.InteropServices;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>
/// Writes a filter of system calls for the kernel's classic BPF machine (seccomp(2)): what no rule refuses is allowed. A rule looks at the low 32 bits
/// of an argument, as do the calls that the rules are about. A process of another architecture is ended. The call is looked up by halves: the kernel
/// tries every number when a process takes the filter, and a row of comparisons would cost each script a sixth of a millisecond.
/// </summary>
internal sealed class FilterProgram(uint architecture)
{
    // Instructions: load a word of struct seccomp_data, mask it, jump, jump by comparing it, return.
    private const ushort Load = 0x20;
    private const ushort And = 0x54;
    private const ushort Jump = 0x05;
    private const ushort IfEqual = 0x15;
    private const ushort IfAtLeast = 0x35;
    private const ushort IfAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint Allow = 0x7fff0000;
    private const uint Error = 0x00050000;
    private const uint EndProcess = 0x80000000;

    // Offsets in struct seccomp_data.
    private const uint Number = 0;
    private const uint Architecture = 4;
    private const uint Arguments = 16;

    // The bit that tells the calls of processes with pointers of 32 bits on x86-64 (__X32_SYSCALL_BIT).
    private const uint OtherPointers = 0x40000000;

    private readonly SortedDictionary<uint, List<Instruction>> _rules = [];
    private (uint First, uint Error)? _foreign;

    /// <summary>Refuses a call.</summary>
    public void Refuse(uint? call, uint error) => Rule(call, Step(Return, Error | error));

    /// <summary>Refuses all calls from a number on.</summary>
    public void RefuseFrom(uint first, uint error) => _foreign = (first, error);

    /// <summary>Refuses a call one of whose arguments has a value.</summary>
    public void RefuseIf(uint? call, uint argument, uint value, uint error) =>
        Rule(call, Step(Load, Arguments + (8 * argument)), Step(IfEqual, value, whenFalse: 1), Step(Return, Error | error));

    /// <summary>Refuses a call one of whose arguments has any of these bits.</summary>
    public void RefuseAny(uint? call, uint argument, uint bits, uint error) =>
        Rule(call, Step(Load, Arguments + (8 * argument)), Step(IfAnyBit, bits, whenFalse: 1), Step(Return, Error | error));

    /// <summary>
    /// Refuses a call one of whose arguments, of which a mask leaves what counts, has none of these values; but never one with an argument that is excepted.
    /// </summary>
    public void RefuseUnless(
        uint? call, uint argument, uint[] values, uint error, uint mask = uint.MaxValue, (uint Argument, uint[] Values)? except = null)
    {
        List<Instruction> check =
        [
            Step(Load, Arguments + (8 * argument)),
            Step(And, mask),
            .. values.Select((value, i) => Step(IfEqual, value, whenTrue: (byte)(values.Length - i))),
            Step(Return, Error | error),
        ];

        if (except is { } exception)
        {
            check.InsertRange(0,
            [
                Step(Load, Arguments + (8 * exception.Argument)),
                .. exception.Values.Select((value, i) => Step(IfEqual, value, whenTrue: (byte)(exception.Values.Length - i - 1 + check.Count))),
            ]);
        }

        Rule(call, [.. check]);
    }

    /// <summary>The program, as an array of struct sock_filter.</summary>
    public byte[] Build()
    {
        List<Instruction> program = [Step(Load, Architecture), Step(IfEqual, architecture, whenTrue: 1), Step(Return, EndProcess), Step(Load, Number)];

        if (_foreign is { } foreign)
            program.AddRange([Step(IfAtLeast, foreign.First, whenFalse: 1), Step(Return, Error | foreign.Error)]);

        program.AddRange(Lookup([.. _rules]));
        return ToBytes(program);
    }

    /// <summary>A program that refuses one call, which has the same number on every architecture (those from 424 on), and allows all others.</summary>
    public static byte[] Refusing(uint call, uint error)
    {
        List<Instruction> program =
            [Step(Load, Number), Step(And, ~OtherPointers), Step(IfEqual, call, whenFalse: 1), Step(Return, Error | error), Step(Return, Allow)];
        return ToBytes(program);
    }

    private static byte[] ToBytes(List<Instruction> program) => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(program)).ToArray();

    private static List<Instruction> Lookup(ReadOnlySpan<KeyValuePair<uint, List<Instruction>>> rules)
    {
        if (rules.Length == 1)
        {
            var (call, checks) = rules[0];
            return [Step(IfEqual, call, whenTrue: 1), Step(Return, Allow), .. checks, Step(Return, Allow)];
        }

        var middle = rules.Length / 2;
        var lower = Lookup(rules[..middle]);

        // The conditional jumps reach 255 instructions, the plain one any number.
        return [Step(IfAtLeast, rules[middle].Key, whenFalse: 1), Step(Jump, (uint)lower.Count), .. lower, .. Lookup(rules[middle..])];
    }

    /// <summary>Adds checks of one call, which fall through where they do not refuse it.</summary>
    private void Rule(uint? call, params Instruction[] checks)
    {
        if (call is not { } number)
            return;

        if (!_rules.TryGetValue(number, out var known))
            _rules.Add(number, known = []);

        known.AddRange(checks);
    }

    private static Instruction Step(ushort code, uint value, byte whenTrue = 0, byte whenFalse = 0) => new(code, whenTrue, whenFalse, value);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte WhenTrue, byte WhenFalse, uint Value);
}
