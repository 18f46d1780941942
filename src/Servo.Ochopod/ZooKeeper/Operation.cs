namespace Servo.Ochopod.ZooKeeper;

/// <summary>What a request asks for; the numbers are the wire's.</summary>
internal enum Operation
{
    Create = 1,
    Delete = 2,
    Exists = 3,
    GetData = 4,
    SetData = 5,
    GetChildren = 8,
    Ping = 11,
    SetWatches = 101,
    CloseSession = -11,
}

/// <summary>Numbers of frames that answer no ordinary request.</summary>
internal static class Reserved
{
    public const int Event = -1;
    public const int Ping = -2;
    public const int SetWatches = -8;
}
